internal import Glibc
internal import Synchronization

/// Standard error, which is all of the program's own output: standard output belongs to the script.
///
/// Lines come out whole, and after what the script has printed before them.
public final class ErrorOutput: Sendable {
  /// Whether colours are wanted: a terminal, unless NO_COLOR or a dumb TERM says otherwise.
  public let hasColour: Bool
  private let lock = Mutex(())

  public init() {
    let wantsNone = getenv("NO_COLOR").map { $0.pointee != 0 } ?? false
    let forces = getenv("CLICOLOR_FORCE").map { $0.pointee != 0 } ?? false
    let isDumb = getenv("TERM").map { strcmp($0, "dumb") == 0 } ?? false
    hasColour = forces || (!wantsNone && !isDumb && isatty(STDERR_FILENO) != 0)
  }

  /// Writes `text` and the end of a line.
  public func line(_ text: String) {
    lock.withLock { _ in
      // The script's prints wait in C's buffer; what was said first is seen first.
      fflush(nil)
      var text = text + "\n"
      text.withUTF8 { bytes in
        var rest = UnsafeRawBufferPointer(bytes)
        while let start = rest.baseAddress, !rest.isEmpty {
          let written = write(STDERR_FILENO, start, rest.count)
          if written < 0 {
            if errno == EINTR { continue }
            return
          }
          rest = UnsafeRawBufferPointer(rebasing: rest[written...])
        }
      }
    }
  }

  /// `text` with what would move the cursor, ring or paint made visible: it may come from a server.
  public static func plain(_ text: String) -> String {
    let isHarmless = text.unicodeScalars.allSatisfy {
      $0 == "\n" || $0 == "\t" || $0.properties.generalCategory != .control
    }
    if isHarmless { return text }
    return text.unicodeScalars.reduce(into: "") { plain, scalar in
      if scalar != "\n", scalar != "\t", scalar.properties.generalCategory == .control {
        plain += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
      } else {
        plain.unicodeScalars.append(scalar)
      }
    }
  }

  /// The same, on one line.
  public static func oneLine(_ text: String) -> String {
    plain(text.split(whereSeparator: \.isNewline).joined(separator: " "))
  }

  public func paint(_ text: String, _ colour: Colour) -> String {
    hasColour ? "\u{1B}[\(colour.rawValue)m\(text)\u{1B}[0m" : text
  }
}

/// The colours that mean something here.
public enum Colour: Int, Sendable {
  case bold = 1
  case dim = 2
  case red = 31
  case green = 32
  case yellow = 33
}
