export const plainTaskQueue = 'bench-plain';
