/** Nominal types over strings: a session id cannot be passed where a request id is wanted. */

declare const brand: unique symbol;

/** `string` that carries the name of what it identifies. Made by a cast in one constructor function each. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };
