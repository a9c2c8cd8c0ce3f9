internal import Glibc

/// The process that drives a run. For people to read: whether it lives, the run's lock tells.
public struct Owner: Hashable, Sendable, CustomStringConvertible {
  public var host: String
  public var process: Int
  /// `/proc/sys/kernel/random/boot_id`: tells two boots of a host apart.
  public var boot: String
  /// Clock ticks from the boot to the start of the process (`/proc/PID/stat`, field 22).
  public var processStart: Int

  public init(host: String, process: Int, boot: String, processStart: Int) {
    self.host = host
    self.process = process
    self.boot = boot
    self.processStart = processStart
  }

  /// This process.
  public static let current: Owner = {
    var name = [CChar](repeating: 0, count: 256)
    gethostname(&name, name.count - 1)
    let host = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let boot = SmallFile.text("/proc/sys/kernel/random/boot_id").filter { !$0.isWhitespace }
    // The second field is the program's name in parentheses, and may hold blanks and parentheses itself.
    let stat = SmallFile.text("/proc/self/stat")
    let fields = stat[(stat.lastIndex(of: ")") ?? stat.startIndex)...].split(separator: " ")
    return Owner(
      host: host, process: Int(getpid()), boot: boot,
      processStart: fields.count > 20 ? Int(fields[20]) ?? 0 : 0)
  }()

  public var description: String { "process \(process) on \(host)" }
}
