/** What the pointer or the keys are on in a picture, for as long as the picture shows the same answer. */
import { useState } from 'react';

/** A place in `shown` means nothing in the next one: its series may not be there, or be another. */
export function usePointed<T>(
  shown: object,
): readonly [place: T | undefined, point: (place: T | undefined) => void] {
  const [pointed, setPointed] = useState<{ readonly in: object; readonly place: T | undefined }>();
  return [
    pointed?.in === shown ? pointed.place : undefined,
    (place) => setPointed({ in: shown, place }),
  ];
}
