@testable import Terminal
import Testing

@Suite("Keys")
struct KeyInputTests {
  /// What comes of bytes that arrive together, to the end of what they say.
  private func items(_ parts: [UInt8]..., ends: Bool = false) -> String {
    var input = KeyInput()
    var text = ""
    func take() {
      while true {
        switch input.next() {
        case .character(let scalar): text.unicodeScalars.append(scalar)
        case .pasted(let pasted): text += "<\(pasted)>"
        case .nothing: return
        }
      }
    }
    for part in parts {
      input.add(part)
      take()
    }
    if ends {
      input.endSequence()
      take()
    }
    return text
  }

  @Test("are characters, whole ones only")
  func characters() {
    #expect(items(Array("aé€😀".utf8)) == "aé€😀")
    #expect(items([0x61, 0xE2], [0x82], [0xAC]) == "a€")
    #expect(items([0xE2, 0x82]) == "")
    #expect(items([0xE2, 0x82], ends: true) == "\u{FFFD}\u{FFFD}")
    #expect(items([0x61, 0xFF, 0xC3, 0x28]) == "a\u{FFFD}\u{FFFD}(")
    #expect(items([0x1B]) == "\u{1B}")
    #expect(items(Array("\u{1B}[A".utf8)) == "\u{1B}[A")
    #expect(items([0]) == "\u{FFFD}")
  }

  @Test("that were pasted are one text, without what is no text")
  func pasted() {
    let paste = Array("\u{1B}[200~a\r\nb\tc\u{07}\u{03}\r\n\u{1B}[201~d".utf8)
    #expect(items(paste) == "<a\nb  c>d")
    for cut in 1..<paste.count {
      // A lone escape is a key, which is what the first byte of a cut paste looks like.
      let text = items(Array(paste[..<cut]), Array(paste[cut...]))
      #expect(text == "<a\nb  c>d" || cut == 1, "cut at \(cut): \(text)")
    }
    #expect(items(Array("\u{1B}[200~never ended".utf8), ends: true) == "<never ended>")
    #expect(items(Array("\u{1B}[200~a\u{1B}[Ab\u{1B}[201~".utf8)) == "<a[Ab>")
  }

  @Test("stand on the screen where the terminal shows them")
  func layout() {
    func row(_ text: String, columns: Int) -> Int {
      var layout = LineLayout(columns: columns)
      for scalar in text.unicodeScalars { layout.add(scalar.value) { $0 == 0x65E5 ? 2 : 1 } }
      return layout.row
    }
    #expect(row("1234", columns: 5) == 0)
    #expect(row("12345", columns: 5) == 1)
    #expect(row("12\n345\n", columns: 5) == 2)
    #expect(row("1234日", columns: 5) == 1)
    #expect(row("123日", columns: 5) == 1)
    #expect(row("\u{01}\u{02}", columns: 4) == 1)
  }

  @Test("choices stand in columns, the first below each other")
  func choices() {
    #expect(ChoiceList.text(["a", "b", "c"], columns: 8) == "a  c\r\nb\r\n")
    let many = (1...300).map { "x\($0)" }
    #expect(ChoiceList.text(many, columns: 80).hasSuffix("… and 100 more\r\n"))
  }
}
