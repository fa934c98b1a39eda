import { AssetHashType, type BundlingOptions, type BundlingOutput, DockerImage } from 'aws-cdk-lib';

/**
 * Options of an asset that code of this process puts into a folder, without Docker. The asset is named by what is in the folder then:
 * whatever else lies beside its sources makes no new version of it.
 *
 * @param put puts the content into the folder
 * @param outputType whether the asset is the folder, or the one file in it
 */
export function bundledHere(
  put: (folder: string) => void,
  outputType?: BundlingOutput,
): { readonly assetHashType: AssetHashType; readonly bundling: BundlingOptions } {
  return {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      image: DockerImage.fromRegistry('scratch'), // required by the interface; the local bundling always does the work
      ...(outputType && { outputType }),
      local: {
        tryBundle(folder) {
          put(folder);
          return true;
        },
      },
    },
  };
}
