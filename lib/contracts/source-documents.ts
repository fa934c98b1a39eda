// The files of contracts/sources/, one import each, so that bundles hold them and read no folder at run time.
// A test compares this list with the folder.
import amazon2014 from '../../contracts/sources/amazon-2014.json';
import amazon2018 from '../../contracts/sources/amazon-2018.json';
import amazon2023 from '../../contracts/sources/amazon-2023.json';
import beerAdvocate from '../../contracts/sources/beer-advocate.json';
import googleLocal from '../../contracts/sources/google-local.json';
import googlePlay from '../../contracts/sources/google-play.json';
import native from '../../contracts/sources/native.json';
import steamApi from '../../contracts/sources/steam-api.json';
import steamCommunity from '../../contracts/sources/steam-community.json';
import yelp from '../../contracts/sources/yelp.json';

export const sourceDocuments: readonly unknown[] = [
  amazon2014,
  amazon2018,
  amazon2023,
  beerAdvocate,
  googleLocal,
  googlePlay,
  native,
  steamApi,
  steamCommunity,
  yelp,
];
