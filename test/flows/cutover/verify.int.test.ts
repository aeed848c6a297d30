import { expect, it } from "vitest";
import { eachOnce, openShop } from "../../support/cutover-world.ts";

const sentence = (text: string): string => expect.stringContaining(text) as string;

it("says what is missing, what was changed, and that nobody consumes", async () => {
  await using shop = await openShop(30);
  await shop.step("start", "--table", "shop.clicks");
  expect(await shop.step("verify")).toMatchObject({
    status: 6,
    stderr: sentence("is dual: verify is not possible now"),
  });
  await shop.step("backfill");
  expect(await shop.step("finish")).toMatchObject({
    status: 6,
    stderr: sentence("cutover verify --stream mykart.clicks"),
  });
  expect(await shop.step("verify", "--wait", "1s")).toMatchObject({
    status: 8,
    stdout: expect.stringMatching(
      /has 30 messages of topic .* before it\n {2}next: (npx )?clusterflow consume/,
    ) as string,
  });
  await shop.consume();
  await shop.sql`DELETE FROM mykart.clicks WHERE product_id = 7`;
  expect(await shop.step("verify", "--for", "0s")).toMatchObject({
    status: 4,
    stdout: sentence("wrong: 30 rows of shop.clicks sent, 29 stored; not stored: shop.clicks:7;"),
  });
  await shop.sql`INSERT INTO mykart.clicks VALUES ('shop.clicks:700', 7, now())`;
  expect(await shop.step("verify", "--for", "0s")).toMatchObject({
    status: 4,
    stdout: sentence("with another digest"),
  });

  await shop.sql`UPDATE mykart.clicks SET event_id = 'shop.clicks:7' WHERE event_id = 'shop.clicks:700'`;
  await shop.sql`UPDATE shop.clicks SET product_id = 1 WHERE click_id > 4000`; // nobody
  expect(await shop.step("verify", "--for", "0s")).toMatchObject({ status: 0 });
  await shop.sql`DELETE FROM shop.clicks WHERE click_id < 4`;
  expect(await shop.step("verify", "--for", "0s")).toMatchObject({
    status: 4,
    stdout: sentence("(DELETE of 3 rows)"),
  });
  expect(await shop.step("status")).toMatchObject({ stdout: sentence("changed    DELETE of 3 rows") });
}, 120_000);

it("is not deceived by what the application itself sends", async () => {
  await using shop = await openShop(5);
  await shop.step("start", "--table", "shop.clicks");
  await shop.step("backfill");
  await shop.consume();
  await shop.sql`INSERT INTO mykart.clicks VALUES ('app-1', 900, now()), ('elsewhere:1', 901, now())`;
  expect(await shop.step("verify", "--for", "0s")).toMatchObject({
    status: 0,
    stdout: sentence("5 rows of shop.clicks sent = 5 stored"),
  });
  expect((await shop.stored()).length).toBe(7);
  expect(await shop.inTable()).toEqual(eachOnce([1, 2, 3, 4, 5]));
});
