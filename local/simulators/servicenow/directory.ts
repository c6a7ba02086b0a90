import { idFrom } from "../stable-id.ts";

/** The people and groups of the simulated instance. */
export interface Directory {
  /** Rows of `sys_user` or `sys_user_group`. */
  rows(table: string): ReadonlyArray<Readonly<Record<string, string>>>;
  /** The sys_id a value sent for a reference ends up as: a sys_id stays, a name is looked up, anything else is lost ("" ). */
  resolve(table: string, value: string): string;
  nameOf(table: string, sysId: string): string | undefined;
  userId(userName: string): string;
}

export interface DirectoryOptions {
  readonly users: readonly string[];
  readonly groups: readonly string[];
}

const SYS_ID = /^[0-9a-f]{32}$/;

export function createDirectory({ users, groups }: DirectoryOptions): Directory {
  const tables: Readonly<Record<string, ReadonlyArray<Readonly<Record<string, string>>>>> = {
    sys_user: users.map((name) => ({
      sys_id: sysIdFrom("user", name),
      user_name: name,
      name,
      active: "true",
      email: `${name}@example.com`,
    })),
    sys_user_group: groups.map((name) => ({ sys_id: sysIdFrom("group", name), name, active: "true" })),
  };
  return {
    rows: (table) => tables[table] ?? [],
    resolve(table, value) {
      if (value === "" || SYS_ID.test(value)) return value;
      return tables[table]?.find(({ name }) => name === value)?.["sys_id"] ?? "";
    },
    nameOf: (table, sysId) => tables[table]?.find((row) => row["sys_id"] === sysId)?.["name"],
    userId: (userName) => sysIdFrom("user", userName),
  };
}

/** A sys_id: 32 hexadecimal digits, always the same for the same words. */
export function sysIdFrom(...words: readonly string[]): string {
  return idFrom(...words).replaceAll("-", "");
}
