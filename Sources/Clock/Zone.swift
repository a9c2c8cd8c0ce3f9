internal import Glibc

/// A time zone: the machine's own (TZ, else /etc/localtime), or one of the time zone database by its name.
///
/// The database is read here, since TZ, the C library's only way to another zone, is the whole process's.
public struct Zone: Hashable, Sendable {
  /// Why there is no such zone.
  public enum Problem: Error, Hashable, Sendable {
    /// No file of the database has that name.
    case unknown
    /// There is no database at all in this directory.
    case noDatabase(String)
    /// This file is no time zone file.
    case unreadable(String)
  }

  /// `Europe/Berlin`; nil for the machine's own.
  public let name: String?
  /// Nil for the machine's own.
  private let table: ZoneTable?

  /// The machine's own.
  public static let machine = Zone()

  private init() { (name, table) = (nil, nil) }

  /// - Parameter name: of the IANA's time zone database, such as `Europe/Berlin`.
  public init(named name: String) throws(Problem) {
    let folder = Self.folder
    // Nothing but names of the database: no way leads out of its directory.
    let isName =
      !name.isEmpty
      && name.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { part in
        !part.isEmpty && part.utf8.allSatisfy { Self.letters.contains($0) }
      }
    guard isName, name.utf8.count < 100, let bytes = Self.contents("\(folder)/\(name)") else {
      throw access(folder, F_OK) == 0 ? .unknown : .noDatabase(folder)
    }
    guard let table = ZoneTable(bytes) else { throw .unreadable("\(folder)/\(name)") }
    self.name = name
    self.table = table
  }

  public static func == (left: Zone, right: Zone) -> Bool { left.name == right.name }
  public func hash(into hasher: inout Hasher) { hasher.combine(name) }

  /// All names that the database lists; none where it has no list.
  public static var knownNames: [String] {
    guard let bytes = contents("\(folder)/tzdata.zi") else { return [] }
    // `Z name …` begins a zone, `L target name` is another name of one.
    return bytes.split(separator: UInt8(ascii: "\n")).compactMap { line in
      let words = line.split(separator: UInt8(ascii: " ")).map { String(decoding: $0, as: UTF8.self) }
      switch words.first {
      case "Z": return words.dropFirst().first
      case "L": return words.dropFirst(2).first
      default: return nil
      }
    }
  }

  /// Seconds east of Greenwich at `moment`.
  public func offset(at moment: Moment) -> Int { offset(at: Int(moment.unixSeconds)) }

  /// The day on which `moment` falls here, and the seconds that clocks on the wall show since its midnight.
  public func wallTime(at moment: Moment) -> (day: CalendarDay, seconds: Int) {
    let local = Int(moment.unixSeconds) + offset(at: moment)
    let day = (local >= 0 ? local : local - 86_399) / 86_400
    return (CalendarDay(number: day), local - day * 86_400)
  }

  /// The moment at which clocks here show so many seconds since the midnight of `day`. A time that they pass
  /// over is the first moment after it; of a time that they show twice it is the first.
  ///
  /// - Parameter seconds: 86400 and more is the day after.
  public func moment(_ day: CalendarDay, _ seconds: Int) -> Moment {
    let wall = day.number * 86_400 + seconds
    // What clocks here may have been set to: no zone was ever a day and a half from Greenwich.
    var offsets: Set<Int> = []
    for hours in -36...36 { offsets.insert(offset(at: wall + hours * 3600)) }
    let shown = offsets.map { wall - $0 }.filter { $0 + offset(at: $0) == wall }
    if let first = shown.min() { return Moment(unixSeconds: Int64(first)) }
    // Clocks jump over it between these two: find where.
    var low = wall - (offsets.max() ?? 0)
    var high = wall - (offsets.min() ?? 0)
    while high - low > 1 {
      let middle = low + (high - low) / 2
      if middle + offset(at: middle) < wall { low = middle } else { high = middle }
    }
    return Moment(unixSeconds: Int64(high))
  }

  private func offset(at seconds: Int) -> Int {
    if let table { return table.offset(at: seconds) }
    var time = time_t(seconds)
    var parts = tm()
    localtime_r(&time, &parts)
    return Int(parts.tm_gmtoff)
  }

  // MARK: The database

  private static let letters = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-".utf8)

  /// Where the C library looks, too.
  private static var folder: String {
    // The name is copied before anything else can run.
    getenv("TZDIR").map { String(cString: $0) } ?? "/usr/share/zoneinfo"
  }

  /// What is in a file; nil where there is no such regular file.
  private static func contents(_ path: String) -> [UInt8]? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size < 1 << 20 else {
      return nil
    }
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
    var filled = 0
    while filled < bytes.count {
      let count = bytes.withUnsafeMutableBytes { buffer in
        read(file, buffer.baseAddress! + filled, buffer.count - filled)
      }
      guard count > 0 else { return nil }
      filled += count
    }
    return bytes
  }
}
