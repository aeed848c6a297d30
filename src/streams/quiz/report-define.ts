/** What a field of an answer holds; with a question mark it may be null, where there is nothing to tell. */
export type Scalar = "text" | "integer" | "number" | "boolean" | "time" | "date";
export type Shape = { readonly [field: string]: Scalar | `${Scalar}?` | readonly [Shape] | Shape };

/** `range`: a number of minutes, hours or days, such as 60m, 24h or 7d. */
export type ParameterType = "id" | "range" | "page" | "page_size" | "time";

export interface ReportParameter {
  readonly name: string;
  readonly type: ParameterType;
  /** Null has to be given, but for a time, which is then now. */
  readonly default: string | null;
}

/** A report: one SQL function of schema quiz_reports, whose answer is one JSON object. */
export interface Report {
  /** As in its path, `/api/reports/<name>`. */
  readonly name: string;
  readonly about: string;
  readonly parameters: readonly ReportParameter[];
  readonly isPaged: boolean;
  readonly result: Shape;
}

const PAGE: readonly ReportParameter[] = [
  { name: "page", type: "page", default: "1" },
  { name: "page_size", type: "page_size", default: "50" },
];
const PAGINATION: Shape = {
  page: "integer",
  page_size: "integer",
  total_count: "integer",
  total_pages: "integer",
  has_more: "boolean",
  has_previous: "boolean",
};

export function range(name: string, usual: string): ReportParameter {
  return { name, type: "range", default: usual };
}

export function report(
  name: string,
  about: string,
  parameters: readonly ReportParameter[],
  result: Shape,
): Report {
  return { name, about, parameters, isPaged: false, result };
}

/** `row` is one of the list `data`, `head` what stands beside it. */
export function paged(
  name: string,
  about: string,
  parameters: readonly ReportParameter[],
  { head, row }: { readonly head: Shape; readonly row: Shape },
): Report {
  const [times, others] = [
    parameters.filter(({ type }) => type === "time"),
    parameters.filter(({ type }) => type !== "time"),
  ];
  return {
    name,
    about,
    parameters: [...others, ...PAGE, ...times],
    isPaged: true,
    result: { ...head, data: [row], pagination: PAGINATION },
  };
}
