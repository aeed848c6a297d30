import { parseLogFormat, parseLogLevel } from "./parsers.ts";
import type { LogSettings } from "./parts.ts";
import type { Values } from "./sources/resolve.ts";

export function parseLog(values: Values<"log">): LogSettings {
  return {
    level: values.parse("logLevel", parseLogLevel) ?? "info",
    format: values.parse("logFormat", parseLogFormat) ?? "text",
  };
}
