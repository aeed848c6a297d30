/** What the applications are about. */
const SUBJECTS = [
  ...[
    "accounts",
    "ads",
    "audit",
    "basket",
    "billing",
    "catalog",
    "checkout",
    "coupons",
    "customers",
    "delivery",
  ],
  ...[
    "emails",
    "fraud",
    "gateway",
    "identity",
    "images",
    "inventory",
    "invoices",
    "ledger",
    "loyalty",
    "media",
  ],
  ...[
    "notifications",
    "offers",
    "orders",
    "partners",
    "payments",
    "pricing",
    "profiles",
    "quotes",
    "ratings",
  ],
  ...[
    "recommendations",
    "refunds",
    "reports",
    "returns",
    "search",
    "sessions",
    "shipping",
    "stock",
    "stores",
  ],
  ...["subscriptions", "taxes", "tickets", "tracking", "vouchers"],
] as const;

const ROLES = {
  deployment: ["api", "backend", "consumer", "frontend", "gateway", "proxy", "scheduler", "web", "worker"],
  statefulset: ["cache", "kafka", "mongodb", "postgres", "redis"],
  cronjob: ["backup", "cleanup", "export", "report", "sync"],
} as const;

export type Role = keyof typeof ROLES;

/** The name of the index-th thing in a role: `orders-api`, after all pairs are used up `orders-api-2`. */
export function nameOf(role: Role, index: number): string {
  const roles = ROLES[role];
  const pairs = SUBJECTS.length * roles.length;
  const subject = SUBJECTS[index % SUBJECTS.length] ?? SUBJECTS[0];
  const word = roles[Math.floor(index / SUBJECTS.length) % roles.length] ?? roles[0];
  const round = Math.floor(index / pairs);
  return round === 0 ? `${subject}-${word}` : `${subject}-${word}-${round + 1}`;
}

const STAGES = ["prod", "staging", "dev"] as const;

/** The name of the index-th namespace that belongs to a team. */
export function teamNamespace(index: number): string {
  const subject = SUBJECTS[Math.floor(index / STAGES.length) % SUBJECTS.length] ?? SUBJECTS[0];
  const stage = STAGES[index % STAGES.length] ?? STAGES[0];
  const round = Math.floor(index / (STAGES.length * SUBJECTS.length));
  return round === 0 ? `${subject}-${stage}` : `${subject}-${stage}-${round + 1}`;
}

/** Names of the configuration objects of one deployment, in the order in which it gets them. */
export const CONFIG_WORDS = ["config", "features", "templates", "rules"] as const;
export const SECRET_WORDS = ["credentials", "access", "signing", "partner"] as const;

/** What runs on every node. */
export const DAEMONS = [
  "kube-proxy",
  "cilium",
  "node-exporter",
  "fluent-bit",
  "csi-node",
  "node-problem-detector",
] as const;
