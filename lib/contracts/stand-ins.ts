/**
 * Metadata of an object version that `erase` has put in the place of another one: the id of the version that it replaces, and the file id
 * of that version. Both, because whoever copies an object to another key copies its metadata too: there the file id is another one.
 */
export const REPLACED_VERSION_METADATA = 'replaces-version';
export const REPLACED_FILE_METADATA = 'replaces-file';
