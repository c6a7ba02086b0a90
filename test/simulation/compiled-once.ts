import {
  Ajv as RealAjv,
  type AnySchema,
  type Options,
  type ValidateFunction,
} from "../../node_modules/ajv/dist/ajv.js";

const compiled = new WeakMap<object, ValidateFunction>();

/**
 * Stands for `ajv` in the bundle. Each process that the product starts compiles its schemas, a tenth of a second's work, and a history has
 * many processes. A schema is a constant, so what it was compiled to before is as good.
 */
export class Ajv {
  readonly options: Options;

  constructor(options: Options) {
    this.options = options;
  }

  compile(schema: AnySchema): ValidateFunction {
    if (typeof schema !== "object") return new RealAjv(this.options).compile(schema);
    const known = compiled.get(schema) ?? new RealAjv(this.options).compile(schema);
    compiled.set(schema, known);
    return known;
  }
}
