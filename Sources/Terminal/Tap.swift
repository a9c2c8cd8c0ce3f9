internal import Dispatch
// C's stdout is a variable, which nobody here sets.
@preconcurrency internal import Glibc
internal import Synchronization

/// A pipe in place of the terminal for all who write there and know of no footer: the script's prints, C's
/// libraries, child processes. What comes in is put above the footer, in whole lines.
struct Tap {
  /// Lines that have no end yet are not kept beyond this.
  private static let longest = 1 << 20

  /// The terminal itself.
  let terminal: Int32
  /// Standard output, where that is the same terminal.
  private let output: Int32?
  private let source: Int32
  private let sink: Int32
  private var unfinished: [UInt8] = []
  /// Tells that something has come in; kept as long as the process.
  private let watch: any DispatchSourceRead

  /// Nil where no more files can be opened: then there is a footer all the same.
  ///
  /// - Parameter came: called when there is something to read.
  init?(_ came: @escaping @Sendable () -> Void) {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return nil }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    let terminal = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)
    let isShared = Self.isSameTerminal(STDOUT_FILENO, STDERR_FILENO)
    let output = isShared ? fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3) : nil
    guard terminal >= 0, output ?? 0 >= 0 else {
      for file in ends + [terminal, output ?? -1] where file >= 0 { close(file) }
      return nil
    }
    // Whoever writes waits where the pipe is full; we never do.
    _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
    (self.terminal, self.output, source, sink) = (terminal, output, ends[0], ends[1])
    // C decides by the file whether a line goes out when it ends; a pipe would have it wait.
    if isShared { setvbuf(stdout, nil, _IOLBF, 0) }
    watch = DispatchSource.makeReadSource(fileDescriptor: source, queue: DispatchQueue(label: "tap"))
    watch.setEventHandler(handler: came)
    watch.activate()
  }

  /// From now on all that is written to the terminal comes in here.
  func engage() {
    CrashGuard.watch(terminal: terminal, source: source)
    dup2(sink, STDERR_FILENO)
    if output != nil { dup2(sink, STDOUT_FILENO) }
  }

  /// All go to the terminal by themselves again.
  ///
  /// - Returns: what has come in until now.
  mutating func release() -> [UInt8] {
    dup2(terminal, STDERR_FILENO)
    if let output { dup2(output, STDOUT_FILENO) }
    CrashGuard.rest()
    defer { unfinished = [] }
    while read() {}
    return unfinished
  }

  /// What has come in: whole lines, or all where `isWhole` is false.
  mutating func take(isWhole: Bool) -> [UInt8] {
    while unfinished.count < Self.longest, read() {}
    if isWhole, let end = unfinished.lastIndex(of: UInt8(ascii: "\n")) {
      defer { unfinished.removeSubrange(...end) }
      return Array(unfinished[...end])
    }
    guard !isWhole || unfinished.count >= Self.longest else { return [] }
    defer { unfinished = [] }
    return isWhole ? unfinished + [UInt8(ascii: "\n")] : unfinished
  }

  /// False where there is nothing left.
  private mutating func read() -> Bool {
    withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 1) { buffer in
      let count = Glibc.read(source, buffer.baseAddress, buffer.count)
      if count > 0 { unfinished += buffer[..<count] }
      return count > 0 || (count < 0 && errno == EINTR)
    }
  }

  private static func isSameTerminal(_ one: Int32, _ other: Int32) -> Bool {
    var (first, second) = (stat(), stat())
    return isatty(one) != 0 && isatty(other) != 0 && fstat(one, &first) == 0 && fstat(other, &second) == 0
      && first.st_rdev == second.st_rdev
  }
}

/// The last words of a process that crashes while a tap is open: they would stay in its pipe.
private enum CrashGuard {
  private static let terminal = Atomic<Int32>(-1)
  private static let source = Atomic<Int32>(-1)
  private static let signals = [SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGTRAP]

  static func watch(terminal file: Int32, source pipe: Int32) {
    terminal.store(file, ordering: .relaxed)
    source.store(pipe, ordering: .relaxed)
    for number in signals {
      signal(number) { number in
        // Nothing here but what a handler may call; both numbers were read before, so they are initialised.
        let file = CrashGuard.terminal.load(ordering: .relaxed)
        let pipe = CrashGuard.source.load(ordering: .relaxed)
        withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 1) { buffer in
          while case let count = read(pipe, buffer.baseAddress, buffer.count), count > 0 {
            _ = write(file, buffer.baseAddress, count)
          }
        }
        dup2(file, STDERR_FILENO)
        Glibc.signal(number, SIG_DFL)
        raise(number)
      }
    }
  }

  static func rest() {
    for number in signals { signal(number, SIG_DFL) }
  }
}
