/** viewer: reads and follows; editor: changes too. */
export const API_ROLES = ['viewer', 'editor'] as const;
export type ApiRole = (typeof API_ROLES)[number];

/** A token as people see it: never its secret, of which only the hash is kept. */
export interface ApiToken {
  readonly id: string;
  /** One token of a name is current; those that it replaced keep the name. */
  readonly name: string;
  readonly role: ApiRole;
  readonly createdAt: Date;
  /** To the minute; null before its first use. */
  readonly lastUsedAt: Date | null;
  /** From when on it is no longer valid; null: never. */
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
  /** When a rotation put another in its place. */
  readonly replacedAt: Date | null;
}
