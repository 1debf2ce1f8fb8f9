const LABEL_MAX = 63;

/**
 * Makes a name safe for option 12 and for DNS (A-54, RFC 1123 section 2.1): letters, digits and hyphens, lower case,
 * labels of at most 63 characters that neither begin nor end with a hyphen. Undefined when nothing is left.
 */
export function safeHostName(name: string): string | undefined {
  const labels = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9.-]/g, '')
    .split('.')
    .map((label) => trimHyphens(label).slice(0, LABEL_MAX))
    .map(trimHyphens)
    .filter((label) => label !== '');
  return labels.length === 0 ? undefined : labels.join('.');
}

function trimHyphens(label: string): string {
  return label.replaceAll(/^-+|-+$/g, '');
}
