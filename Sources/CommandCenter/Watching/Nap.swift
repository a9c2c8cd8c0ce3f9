import Clock

/// The watcher's sleep between two looks, which may be cut short.
struct Nap {
  let deadline: Moment
  let timer: TimerID
  let continuation: CheckedContinuation<Void, Never>
}
