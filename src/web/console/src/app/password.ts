/** Characters; the server asks for the same. */
export const MIN_PASSWORD = 10
