import { setTimeout as delay } from "node:timers/promises";
import postgres from "postgres";
import type { DatabaseSettings } from "../../src/config/parts.ts";
import { Wire } from "../support/wire.ts";
import { KafkaWire } from "../support/kafka-wire.ts";
import { createTopic } from "../support/produce.ts";
import { testDatabase, testTopicName } from "../support/servers.ts";
import { TABLES } from "./events.ts";
import { Feed } from "./feed.ts";
import { Member, type MemberOptions } from "./member.ts";

/** The servers of a run; whoever may stop them has them for itself. */
export interface Servers {
  readonly brokers: readonly string[];
  readonly superuser: DatabaseSettings;
}

/** One row says what the table does to those who write it: raise an SQLSTATE, or take its time. */
const OBSTRUCTION = `
  CREATE TABLE public.obstruction (sqlstate text, seconds double precision NOT NULL);
  INSERT INTO public.obstruction VALUES (NULL, 0);
  CREATE FUNCTION public.obstruct() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE found public.obstruction;
    BEGIN
      SELECT sqlstate, seconds INTO found FROM public.obstruction;
      IF found.seconds > 0 THEN PERFORM pg_sleep(found.seconds); END IF;
      IF found.sqlstate IS NOT NULL THEN
        RAISE EXCEPTION 'obstructed by %', found.sqlstate USING ERRCODE = found.sqlstate;
      END IF;
      RETURN NULL;
    END $$;
  CREATE TRIGGER obstruct BEFORE INSERT ON public.append FOR EACH STATEMENT EXECUTE FUNCTION public.obstruct();`;

interface Obstruction {
  readonly sqlstate?: string | null;
  readonly seconds?: number;
}

/** The first process makes the ledger: neither the schema nor the table is there before. */
const NOT_MADE_YET: ReadonlySet<string> = new Set(["3F000", "42P01"]);

export interface WorldOptions {
  readonly servers: Servers;
  readonly partitions?: number;
  readonly wires?: "none" | "kafka" | "postgres";
}

/** A topic, a database with a table without any key, and the consumer processes between them. */
export class World implements AsyncDisposable {
  readonly topic = testTopicName("faults");
  /** All there ever were. */
  readonly members: Member[] = [];
  readonly servers: Servers;
  readonly partitions: number;
  readonly feed: Feed;
  readonly #wires: "none" | "kafka" | "postgres";
  readonly #opened: (AsyncDisposable | Disposable)[] = [];
  #wire: Wire | null = null;
  #ways: Pick<MemberOptions, "brokers" | "database"> | null = null;
  #sql: postgres.Sql | null = null;
  #database: DatabaseSettings | null = null;

  constructor({ servers, partitions = 6, wires = "none" }: WorldOptions) {
    this.servers = servers;
    this.partitions = partitions;
    this.#wires = wires;
    this.feed = new Feed(servers.brokers, this.topic, partitions);
  }

  async open(): Promise<this> {
    const { brokers, superuser } = this.servers;
    const { settings: database } = this.#keep(await testDatabase(superuser));
    this.#database = database;
    this.#ways = { brokers, database };
    if (this.#wires === "postgres") await this.#wirePostgres(database);
    if (this.#wires === "kafka") await this.#wireKafka(brokers[0] ?? "");
    this.#sql = connect(database);
    await this.sql.unsafe(`${TABLES.append}; ${OBSTRUCTION}`);
    await createTopic(brokers, this.topic, this.partitions);
    await this.feed.connect();
    return this;
  }

  /** For those who look and judge: it goes past all wires. */
  get sql(): postgres.Sql {
    if (this.#sql === null) throw new Error("a world that is not open");
    return this.#sql;
  }

  /** As those who judge reach it. */
  get database(): DatabaseSettings {
    if (this.#database === null) throw new Error("a world that is not open");
    return this.#database;
  }

  /** The wire before one of the servers; a fault is set on it. */
  get wire(): Wire {
    if (this.#wire === null) throw new Error("a world without a wire");
    return this.#wire;
  }

  get group(): string {
    return `group-${this.topic}`;
  }

  startMember(options: { readonly fault?: string | null; readonly untilEnd?: boolean } = {}): Member {
    if (this.#ways === null) throw new Error("a world that is not open");
    const { fault = null, untilEnd = false } = options;
    const member = new Member({ ...this.#ways, topic: this.topic, fault, untilEnd });
    this.members.push(member);
    return member;
  }

  /** Records settled so far: their offsets were passed. */
  async settled(): Promise<number> {
    for (;;) {
      try {
        const [row] = await this.sql<[{ n: number }]>`
          SELECT coalesce(sum(next_offset - first_offset), 0)::integer AS n FROM clusterflow.offsets`;
        return row.n;
      } catch (error) {
        if (error instanceof postgres.PostgresError && NOT_MADE_YET.has(error.code)) return 0;
        await delay(100); // it is being restarted
      }
    }
  }

  /** Until more records are settled than now. */
  async moves(): Promise<void> {
    await this.settles((await this.settled()) + 1);
  }

  /** Until so many records are settled. */
  async settles(records: number, ms = 90_000): Promise<void> {
    const until = performance.now() + ms;
    while ((await this.settled()) < records) {
      if (performance.now() > until)
        throw new Error(`nothing moved for ${ms / 1000} s; ${this.#lastWords()}`);
      await delay(20);
    }
  }

  /** Tells everybody to leave, and sees that they do. */
  async dismiss(): Promise<void> {
    await Promise.all(this.members.filter((member) => !member.hasExited).map((member) => member.leave()));
  }

  /** One last process without any fault, up to the end of the topic. */
  async finish(): Promise<void> {
    const last = this.startMember({ untilEnd: true });
    await last.ended(180_000);
    if (last.status !== 0) throw new Error(`the last process did not come to the end; ${this.#lastWords()}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.members.map((member) => member[Symbol.asyncDispose]()));
    await this.feed[Symbol.asyncDispose]();
    await this.#sql?.end({ timeout: 5 });
    for (const opened of this.#opened.toReversed()) {
      if (Symbol.asyncDispose in opened) await opened[Symbol.asyncDispose]();
      else opened[Symbol.dispose]();
    }
  }

  #keep<T extends AsyncDisposable | Disposable>(opened: T): T {
    this.#opened.push(opened);
    return opened;
  }

  /** What the table does from now on to those who write it. */
  async obstruct({ sqlstate = null, seconds = 0 }: Obstruction): Promise<void> {
    await this.sql`UPDATE public.obstruction SET sqlstate = ${sqlstate}, seconds = ${seconds}`;
  }

  async #wirePostgres(database: DatabaseSettings): Promise<void> {
    this.#wire = this.#keep(new Wire(database.port));
    this.#ways = {
      brokers: this.servers.brokers,
      database: { ...database, port: await this.#wire.listen() },
    };
  }

  /** Two proxies: the inner one only makes the broker name the outer one's address as its own. */
  async #wireKafka(broker: string): Promise<void> {
    const inner = this.#keep(new KafkaWire(broker));
    this.#wire = this.#keep(new Wire(Number((await inner.listen()).split(":")[1])));
    const port = await this.#wire.listen();
    inner.announce(port);
    if (this.#ways !== null) this.#ways = { ...this.#ways, brokers: [`127.0.0.1:${port}`] };
  }

  #lastWords(): string {
    const reports = this.members.filter((member) => member.status !== 0).flatMap(({ reports }) => reports);
    const told = reports
      .filter(({ kind }) => kind !== "batch-stored" && kind !== "record-rejected")
      .slice(-8);
    return `the processes' last words:\n${told.map((report) => JSON.stringify(report)).join("\n")}`;
  }
}

export function connect({ host, port, database, user, password }: DatabaseSettings): postgres.Sql {
  return postgres({
    ...{ host, port, database, user, password: password ?? "", max: 1 },
    onnotice: () => undefined,
  });
}
