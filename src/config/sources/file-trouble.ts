/** What the system says about a file that could not be read or written, as the end of a sentence about it. */
export function fileTrouble(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "unknown error";
  return TROUBLES[code] ?? `cannot be used (${code})`;
}

const TROUBLES: Readonly<Record<string, string>> = {
  ENOENT: "does not exist",
  EISDIR: "is a directory",
  ENOTDIR: "lies under something that is not a directory",
  EACCES: "may not be accessed by this user (permission denied)",
  EPERM: "may not be accessed by this user (permission denied)",
  EROFS: "lies on a file system that is read-only",
  ENOSPC: "does not fit: the disk is full",
  ELOOP: "is a link that leads to itself",
};
