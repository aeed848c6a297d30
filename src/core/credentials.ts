/** Characters of a password that a person chooses. */
export const PASSWORD_LENGTH = { min: 8, max: 1_024 } as const;

/** RFC 5321. Whether mail arrives there is nobody's business here. */
const EMAIL = /^[^\s@]{1,64}@[^\s@]{1,189}$/;

/** The address under which a user is made and logs in, however it was typed; null when it is none. */
export function emailOf(text: string): string | null {
  const email = text.trim().toLowerCase();
  return EMAIL.test(email) ? email : null;
}
