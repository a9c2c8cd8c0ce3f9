internal import Dispatch

/// Calls a function when a signal comes, as long as the process lasts.
public enum SignalWatch {
  /// - Parameter came: called on a thread of its own, never while another one of its calls is under way.
  public static func watch(_ signal: Int32, _ came: @escaping @Sendable () -> Void) {
    let queue = DispatchQueue(label: "signal \(signal)")
    let source = DispatchSource.makeSignalSource(signal: signal, queue: queue)
    // The handler keeps the source.
    source.setEventHandler { withExtendedLifetime(source, came) }
    source.activate()
  }
}
