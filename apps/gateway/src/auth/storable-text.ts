/** Whether Postgres can hold the text: it fails on NUL, and a failure of the database would be told as ours. */
export const isStorable = (text: string): boolean => !text.includes('\0');
