// The batched kernel as a WebAssembly module in base64: made by the build from assembly/, not kept in the repository.
export const KERNEL: string
/** The same in single precision. */
export const SINGLE_KERNEL: string
