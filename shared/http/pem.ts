/** PEM as it stands in an environment variable: some tools write its line ends as `\n`. */
export function pemOf(text: string): string {
  return text.includes("\n") ? text : text.replaceAll("\\n", "\n");
}
