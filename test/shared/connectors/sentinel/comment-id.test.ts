import fc from "fast-check";
import { expect, it } from "vitest";
import { commentNameOf, noteIdOf } from "../../../../shared/connectors/sentinel/comment-id.ts";

it("makes a GUID of a note's id, and the id of the GUID", () => {
  expect(commentNameOf("0123456789abcdef")).toBe("30313233-3435-3637-3839-616263646566");
  fc.assert(
    fc.property(fc.stringMatching(/^[A-Za-z0-9]{16}$/), (id) => {
      expect(commentNameOf(id)).toMatch(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
      expect(noteIdOf(commentNameOf(id))).toBe(id);
      expect(noteIdOf(commentNameOf(id).toUpperCase())).toBe(id);
    }),
  );
});

it("knows a comment of somebody else", () => {
  expect(noteIdOf("4bb36b7b-26ff-4d1c-9cbe-0d8ab3da0014")).toBeUndefined();
  expect(noteIdOf("not-a-guid")).toBeUndefined();
  expect(() => commentNameOf("short")).toThrow("16 letters");
});
