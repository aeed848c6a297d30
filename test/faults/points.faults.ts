import { inject, it } from "vitest";
import { POINT_FAULTS } from "./point-faults.ts";
import { prove } from "./prove.ts";

it.each(POINT_FAULTS.map((fault) => [fault.name, fault] as const))(
  "nothing is lost or doubled when a process suffers: %s",
  (_, fault) => prove(fault, { brokers: inject("brokers"), superuser: inject("superuser") }),
);
