// The files of contracts/sources/, one import each: bundles hold them without reading a folder at run time.
// A test compares this list with the folder.
import amazon2018 from '../../contracts/sources/amazon-2018.json';
import native from '../../contracts/sources/native.json';
import steamApi from '../../contracts/sources/steam-api.json';

export const sourceDocuments: readonly unknown[] = [amazon2018, native, steamApi];
