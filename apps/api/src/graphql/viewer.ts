/** Who asks: what they may do follows from their role alone. */
export const API_ROLES = ['viewer', 'editor'] as const;
export type ApiRole = (typeof API_ROLES)[number];

export interface Viewer {
  readonly role: ApiRole;
  /** Name of the token; `local` on a server that is bound to loopback and asks for none. */
  readonly name: string;
  /** On the machine itself. */
  readonly isLocal: boolean;
}
