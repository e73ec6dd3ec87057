export default function live(world) {
  return {
    'GET /live/calls': () => ({ calls: [], now_unix_ms: Date.now() }),
    'GET /live/events': (asked) => void world.stream(asked),
  }
}
