/** The same numbers every time: a small random generator with a seed. */
export function dice(seed = 7) {
  let state = seed
  const next = () => {
    state = (state * 1664525 + 1013904223) % 4294967296
    return state / 4294967296
  }
  return { next, below: (n) => Math.floor(next() * n), of: (all) => all[Math.floor(next() * all.length)] }
}

export const NAMES = ['张伟', '王秀英', '李建国', '刘洋', '陈静', '杨帆', '赵敏', '黄磊', '周杰', '吴桐', '徐丽', '孙浩', 'Grace Miller', 'Tom Becker', '马超', '朱琳', '胡军', '郭雪', '何志强', '高洁']
export const phone = (n) => `1${[38, 39, 58, 86, 77][n % 5]}****${String(1000 + ((n * 7919) % 9000))}`
