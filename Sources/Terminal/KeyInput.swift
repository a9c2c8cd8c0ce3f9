internal import Glibc

/// The characters that keys send, from their bytes. What a terminal says was pasted comes as one text.
struct KeyInput {
  enum Item: Equatable {
    case character(Unicode.Scalar)
    case pasted(String)
    /// Not until there is more.
    case nothing
  }

  /// A line longer than this is nobody's.
  static let longest = 16 << 20
  private static let pasteBegins = Array("\u{1B}[200~".utf8)
  private static let pasteEnds = Array("\u{1B}[201~".utf8)

  private var bytes: ArraySlice<UInt8> = []
  private var paste: [UInt8]?
  private var isWaitedFor = true

  /// What there is may be the beginning of something longer.
  var isInSequence: Bool { !bytes.isEmpty || paste != nil }

  /// Nothing more comes of what has begun.
  mutating func endSequence() { isWaitedFor = false }

  /// Takes what can be read at once; false at the end of the input.
  ///
  /// - Parameter isTypedAhead: it may have come while the terminal took whole lines: Ctrl-D is a zero then.
  mutating func read(_ file: Int32, isTypedAhead: Bool = false) -> Bool {
    var came = [UInt8](repeating: 0, count: 1 << 16)
    let count = Glibc.read(file, &came, came.count)
    if count < 0 { return errno == EINTR || errno == EAGAIN }
    if isTypedAhead { for index in 0..<count where came[index] == 0 { came[index] = 4 } }
    add(came[..<count])
    return count > 0
  }

  mutating func add(_ new: some Collection<UInt8>) {
    if bytes.isEmpty { bytes = [] }
    bytes += new
    isWaitedFor = true
  }

  mutating func next() -> Item {
    if paste != nil { return takePaste() }
    if let first = bytes.first, (0x20..<0x7F).contains(first) {
      bytes.removeFirst()
      return .character(Unicode.Scalar(first))
    }
    if bytes.starts(with: Self.pasteBegins) {
      bytes = bytes.dropFirst(Self.pasteBegins.count)
      paste = []
      return takePaste()
    }
    guard let first = bytes.first else { return .nothing }
    // Not for one escape alone: that is a key.
    if isWaitedFor, bytes.count > 1, Self.pasteBegins.starts(with: bytes) { return .nothing }
    let length = Self.length(first)
    if isWaitedFor, bytes.count < length, bytes.dropFirst().allSatisfy({ $0 & 0xC0 == 0x80 }) {
      return .nothing
    }
    return .character(takeScalar())
  }

  private mutating func takeScalar() -> Unicode.Scalar {
    var decoder = UTF8()
    var left = bytes.prefix(4).makeIterator()
    guard case .scalarValue(let scalar) = decoder.decode(&left) else {
      bytes = bytes.dropFirst()
      // A zero would end the line for C.
      return "\u{FFFD}"
    }
    bytes = bytes.dropFirst(UTF8.width(scalar))
    return scalar.value == 0 ? "\u{FFFD}" : scalar
  }

  private static func length(_ first: UInt8) -> Int {
    switch first {
    case 0xC2...0xDF: 2
    case 0xE0...0xEF: 3
    case 0xF0...0xF4: 4
    default: 1
    }
  }

  private mutating func takePaste() -> Item {
    while let escape = bytes.firstIndex(of: 0x1B) {
      let rest = bytes[escape...]
      if rest.starts(with: Self.pasteEnds) {
        let text = (paste ?? []) + bytes[..<escape]
        bytes = rest.dropFirst(Self.pasteEnds.count)
        paste = nil
        return .pasted(Self.clean(text))
      }
      if rest.count < Self.pasteEnds.count, Self.pasteEnds.starts(with: rest), isWaitedFor {
        paste?.append(contentsOf: bytes[..<escape])
        bytes = rest
        return .nothing
      }
      paste?.append(contentsOf: bytes[...escape])
      bytes = rest.dropFirst()
    }
    paste?.append(contentsOf: bytes)
    bytes = []
    if let text = paste, !isWaitedFor || text.count > Self.longest {
      // The end of it was lost.
      paste = nil
      return .pasted(Self.clean(text))
    }
    return .nothing
  }

  /// The text without what is no text; the ends of its last lines do not count.
  static func clean(_ bytes: [UInt8]) -> String {
    var text = String.UnicodeScalarView()
    var lastWasReturn = false
    for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
      switch scalar {
      case "\r": text.append("\n")
      case "\n": if !lastWasReturn { text.append("\n") }
      case "\t": text.append(contentsOf: "  ".unicodeScalars)
      case _ where scalar.properties.generalCategory == .control: break
      default: text.append(scalar)
      }
      lastWasReturn = scalar == "\r"
    }
    while text.last == "\n" { text.removeLast() }
    return String(text)
  }
}

/// Wakes a thread that waits for a file.
struct Wake: Sendable {
  let source: Int32
  private let sink: Int32

  init?() {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return nil }
    for end in ends {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
    }
    (source, sink) = (ends[0], ends[1])
  }

  /// From any thread. Where the pipe is full it is awake already.
  func up() {
    var byte: UInt8 = 1
    _ = write(sink, &byte, 1)
  }

  func clear() {
    var bytes = [UInt8](repeating: 0, count: 512)
    while read(source, &bytes, bytes.count) > 0 {}
  }
}
