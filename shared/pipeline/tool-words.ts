/**
 * What a tool, or the source, says of a refusal stands in parentheses at the end and may quote the incident's text: it is kept where people
 * look (the link, the parked row, the poll state), and stays out of the log.
 */
export function withoutToolWords(text: string): string {
  return text.replace(/ \(.*$/s, "");
}
