import { inject, it } from "vitest";
import { prove } from "./prove.ts";
import { SERVER_FAULTS } from "./server-faults.ts";
import { WIRE_FAULTS } from "./wire-faults.ts";

it.each([...WIRE_FAULTS, ...SERVER_FAULTS].map((fault) => [fault.name, fault] as const))(
  "nothing is lost or doubled when %s",
  (_, fault) => prove(fault, { brokers: inject("brokers"), superuser: inject("superuser") }),
);
