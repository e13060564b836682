/** Message of the error for an app with a login, where none was given. */
export const MISSING_CREDENTIALS_MSG = "Login credentials are required to access this space.";
