const NOTE_ID = /^[A-Za-z0-9]{16}$/;
const GUID = /^([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})$/i;

/**
 * The name of the comment that holds a note: a note's id is 16 ASCII characters, a GUID 16 bytes. So the same note always goes to the same
 * comment, and the note can be told from the comment.
 */
export function commentNameOf(noteId: string): string {
  if (!NOTE_ID.test(noteId)) throw new Error("a note's id has another shape than 16 letters and digits");
  return Buffer.from(noteId, "ascii")
    .toString("hex")
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** Undefined for a comment of somebody else. */
export function noteIdOf(commentName: string): string | undefined {
  const match = GUID.exec(commentName);
  if (match === null) return undefined;
  const noteId = Buffer.from(match.slice(1).join(""), "hex").toString("latin1");
  return NOTE_ID.test(noteId) ? noteId : undefined;
}
