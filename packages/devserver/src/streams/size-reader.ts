/** Sizes as a stream of JSON objects, which may be cut anywhere; keys in any case, and 0 means nothing. */
export function createSizeReader(): (bytes: Uint8Array) => [number, number][] {
  let text = "";
  return (bytes) => {
    text = (text + Buffer.from(bytes).toString()).slice(-4_096);
    const sizes: [number, number][] = [];
    for (let end = text.indexOf("}"); end >= 0; end = text.indexOf("}")) {
      const [, width] = /"width"\s*:\s*(\d{1,5})\s*[,}]/i.exec(text.slice(0, end + 1)) ?? [];
      const [, height] = /"height"\s*:\s*(\d{1,5})\s*[,}]/i.exec(text.slice(0, end + 1)) ?? [];
      text = text.slice(end + 1);
      if (isSize(Number(width)) && isSize(Number(height))) sizes.push([Number(width), Number(height)]);
    }
    return sizes;
  };
}

function isSize(value: number): boolean {
  return value >= 1 && value <= 65_535;
}
