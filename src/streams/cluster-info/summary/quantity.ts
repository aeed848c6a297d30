/** An amount as Kubernetes writes it, exact: in thousand-millionths, which are Kubernetes' own finest step. */
export interface Quantity {
  readonly nano: bigint;
  /** Which suffixes it is written with: `500m`, `512Mi` or `5e3`. */
  readonly format: "decimal" | "binary" | "exponent";
}

const SHAPE = /^([+-]?)(\d*)(?:\.(\d*))?(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei|[eE][+-]?\d+)?$/;
/** The longest that Kubernetes itself writes has some twenty characters. */
const LONGEST = 64;
const ONE = 1_000_000_000n;
/** Kubernetes takes a larger amount with a binary suffix for this. */
const LARGEST_BINARY = ((1n << 63n) - 1n) * ONE;
/** `1e999999999` must not become that many digits; nothing anybody measures comes near. */
const LARGEST_EXPONENT = 100;

const DECIMAL_SUFFIXES = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"] as const;
const BINARY_SUFFIXES = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"] as const;

/**
 * Reads a quantity by the grammar of k8s.io/apimachinery `resource.Quantity`; null when it is none, or beyond all
 * measure. As there, what is finer than 1n is rounded away from zero.
 */
export function parseQuantity(text: string): Quantity | null {
  const match = text.length <= LONGEST ? SHAPE.exec(text) : null;
  if (match === null) return null;
  const [, sign, whole = "", fraction = "", suffix = ""] = match;
  const digits = whole + fraction;
  const { format, factor, exponent } = scaleOf(suffix);
  if (digits === "" || exponent > LARGEST_EXPONENT) return null;
  const magnitude = capped(scaled(BigInt(digits) * factor, exponent + 9 - fraction.length), format);
  return { nano: sign === "-" ? -magnitude : magnitude, format };
}

/** The canonical text: the largest suffix that leaves a whole number, as `kubectl` shows it. */
export function formatQuantity({ nano, format }: Quantity): string {
  if (nano === 0n) return "0";
  // Kubernetes writes small and broken amounts of a binary quantity with decimal suffixes, so that nothing is lost
  const isSmall = nano > -1024n * ONE && nano < 1024n * ONE;
  if (format === "binary" && !isSmall && nano % ONE === 0n) {
    const { amount, steps } = divided(nano / ONE, 1024n, BINARY_SUFFIXES.length - 1);
    return `${amount}${BINARY_SUFFIXES[steps] ?? ""}`;
  }
  if (format === "exponent") {
    const { amount, steps } = divided(nano, 1000n, Infinity);
    return steps === 3 ? String(amount) : `${amount}e${3 * (steps - 3)}`;
  }
  const { amount, steps } = divided(nano, 1000n, DECIMAL_SUFFIXES.length - 1);
  return `${amount}${DECIMAL_SUFFIXES[steps] ?? ""}`;
}

/** The sum, written like the first summand that is not zero. */
export function addQuantities(left: Quantity, right: Quantity): Quantity {
  return { nano: left.nano + right.nano, format: left.nano === 0n ? right.format : left.format };
}

export function largerQuantity(left: Quantity, right: Quantity): Quantity {
  return right.nano > left.nano ? right : left;
}

interface Scale {
  readonly format: Quantity["format"];
  readonly factor: bigint;
  /** Power of ten. */
  readonly exponent: number;
}

function scaleOf(suffix: string): Scale {
  if (/^[eE][-+\d]/.test(suffix))
    return { format: "exponent", factor: 1n, exponent: Number(suffix.slice(1)) };
  const binary = BINARY_SUFFIXES.findIndex((known) => known !== "" && known === suffix);
  if (binary > 0) return { format: "binary", factor: 1024n ** BigInt(binary), exponent: 0 };
  const decimal = DECIMAL_SUFFIXES.findIndex((known) => known === suffix);
  return { format: "decimal", factor: 1n, exponent: 3 * (decimal - 3) };
}

function capped(nano: bigint, format: Quantity["format"]): bigint {
  return format === "binary" && nano > LARGEST_BINARY ? LARGEST_BINARY : nano;
}

/** Below this power every amount of at most `LONGEST` digits is less than 1n. */
const SMALLEST_POWER = -LONGEST;

/** `amount` times ten to the `power`, rounded up. */
function scaled(amount: bigint, power: number): bigint {
  if (power >= 0) return amount * 10n ** BigInt(power);
  const divisor = 10n ** BigInt(-Math.max(power, SMALLEST_POWER));
  return (amount + divisor - 1n) / divisor;
}

/** Divides as often as nothing is lost, at most `limit` times. */
function divided(amount: bigint, by: bigint, limit: number): { amount: bigint; steps: number } {
  let rest = amount;
  let steps = 0;
  while (steps < limit && rest % by === 0n) {
    rest /= by;
    steps += 1;
  }
  return { amount: rest, steps };
}
