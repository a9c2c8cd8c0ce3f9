internal import Synchronization

/// A footer of lines that change: what is drawn anew is only what is new.
///
/// The cursor rests at the start of an empty line above them, where all of it can be erased from, however the
/// terminal has wrapped it since.
public final class LiveLines: Footer {
  private let lines = Mutex<[String]>([])

  public init() {}

  /// Line by line: tmux keeps in its history what is erased from the very top in one go. The cursor comes back
  /// by being saved, for a terminal that has become lower may have nothing below it.
  public func erase() -> String { "\r\u{1B}[K\u{1B}7\u{1B}[B\u{1B}[J\u{1B}8" }

  public func draw() -> String {
    lines.withLock { lines in
      if lines.isEmpty { return "" }
      // A width that is not what was thought wraps no line.
      return "\r\n\u{1B}[?7l" + lines.joined(separator: "\r\n") + "\u{1B}[?7h\r\u{1B}[\(lines.count)A"
    }
  }

  /// Takes `new` for what is there, and gives what changes the terminal so.
  ///
  /// - Parameter isAnew: all of it, since the terminal is another.
  public func change(to new: [String], isAnew: Bool = false) -> String {
    let old = lines.withLock { lines in
      defer { lines = new }
      return lines
    }
    if isAnew || old.count != new.count { return erase() + draw() }
    var text = ""
    var row = 0
    for (index, line) in new.enumerated() where line != old[index] {
      text += "\u{1B}[\(index + 1 - row)B\r\u{1B}[K" + line
      row = index + 1
    }
    return text.isEmpty ? "" : "\u{1B}[?7l" + text + "\u{1B}[?7h\r\u{1B}[\(row)A"
  }
}
