export type AppSettings = Readonly<Record<string, string | undefined>>;

/** Puts app settings where a binding names them as `%NAME%`, as the real host does before it reads a binding. */
export function resolveSettings(text: string, settings: AppSettings): string {
  return text.replaceAll(/%([^%]+)%/g, (_whole, name: string) => {
    const value = settings[name];
    if (value === undefined) throw new Error(`'%${name}%' does not resolve to a value; set the app setting ${name}`);
    return value;
  });
}

/** Names as in `AzureWebJobs.NAME.Disabled`. */
export function isDisabled(functionName: string, settings: AppSettings): boolean {
  return ["true", "1"].includes((settings[`AzureWebJobs.${functionName}.Disabled`] ?? "").toLowerCase());
}
