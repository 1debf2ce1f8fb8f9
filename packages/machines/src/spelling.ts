/**
 * The spellings of a key that Harvester's installer takes, the one that wins first (harvester.md section 1.1): `foo_bar`,
 * `fooBar`, `foobar`, and of the first the singular of a name that ends in `s`.
 */
export function spellingsOf(key: string): readonly string[] {
  const snake = key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  const camel = snake.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  const singular = snake.endsWith('s') ? [snake.slice(0, -1)] : [];
  return [...new Set([snake, camel, camel.toLowerCase(), ...singular])];
}
