/**
 * The `marker` of lists of the older style. It is the store's continuation token, spelt in the alphabet that the model
 * allows a marker: standard base64, where the store writes the URL-safe one.
 */

export function toMarker(token: string | undefined): string | undefined {
  return token?.replaceAll('-', '+').replaceAll('_', '/');
}

export function fromMarker(marker: string | undefined): string | undefined {
  return marker?.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}
