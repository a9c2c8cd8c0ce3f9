internal import DequeModule
internal import CLuaShim
internal import Dispatch
internal import Glibc
internal import Synchronization

/// Runs what is given to it, in order, on one thread of its own.
///
/// A script may keep its thread busy for as long as it likes; the other threads, and HTTP on them, do not
/// notice. Everything that shares this executor happens in one order, the same in each simulated run.
public final class ThreadExecutor: SerialExecutor, TaskExecutor, Sendable {
  private enum Item {
    case job(UnownedJob)
    case work(@Sendable () -> Void)
    case end
  }

  private let items = Mutex(Deque<Item>())
  private let arrived = DispatchSemaphore(value: 0)
  private let thread = Mutex<pthread_t?>(nil)

  /// - Parameters:
  ///   - name: the thread's name, for debuggers.
  ///   - stackSize: bytes. Lua nests at most 200 C calls; sixteen MB leave them ample room.
  public init(name: String, stackSize: Int = 16 << 20) {
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    pthread_attr_setstacksize(&attributes, stackSize)
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    let start = Unmanaged.passRetained(self)
    var created = pthread_t()
    let status = pthread_create(
      &created, &attributes,
      { argument in
        // Balanced by passRetained above; the thread owns the executor until `end` comes up.
        let executor = Unmanaged<ThreadExecutor>.fromOpaque(argument!).takeRetainedValue()
        executor.serve()
        return nil
      }, start.toOpaque())
    pthread_attr_destroy(&attributes)
    precondition(status == 0, "no thread could be started for \(name): error \(status)")
    thread.withLock { $0 = created }
  }

  /// The thread that the work runs on.
  var handle: pthread_t {
    thread.withLock { $0! }
  }

  /// True on the thread itself.
  public var isCurrent: Bool {
    pthread_equal(pthread_self(), handle) != 0
  }

  public func enqueue(_ job: consuming ExecutorJob) {
    append(.job(UnownedJob(job)))
  }

  /// Runs `work` on the thread, after all that was given before it.
  public func run(_ work: @escaping @Sendable () -> Void) {
    append(.work(work))
  }

  /// Ends the thread once it has done what was given to it before.
  public func end() {
    append(.end)
  }

  public func asUnownedSerialExecutor() -> UnownedSerialExecutor {
    UnownedSerialExecutor(ordinary: self)
  }

  public func checkIsolated() {
    precondition(isCurrent, "called on another thread than the virtual machine's own")
  }

  private func append(_ item: Item) {
    let wasEmpty = items.withLock { items in
      items.append(item)
      return items.count == 1
    }
    // The thread sleeps only after it saw the queue empty; one signal wakes it for all that follow.
    if wasEmpty { arrived.signal() }
  }

  private func serve() {
    let asSerial = asUnownedSerialExecutor()
    let asTask = asUnownedTaskExecutor()
    while true {
      guard let item = items.withLock({ $0.popFirst() }) else {
        arrived.wait()
        continue
      }
      switch item {
      case .job(let job): job.runSynchronously(isolatedTo: asSerial, taskExecutor: asTask)
      case .work(let work): work()
      case .end: return
      }
    }
  }
}
