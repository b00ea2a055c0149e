// Work that waits until what was shown before is painted, and is done once however often it is asked for.

export function afterPainting(work) {
  let frame = 0;
  return () => {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(() => {
      frame = requestAnimationFrame(() => work());
    });
  };
}
