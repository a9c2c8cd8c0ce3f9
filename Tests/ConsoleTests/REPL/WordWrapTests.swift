@testable import Console
import Testing

@Suite("Text wraps at words")
struct WordWrapTests {
  @Test(arguments: [
    ("short", "short"),
    ("one two three four five", "one two three four\nfive"),
    ("  one two three four five", "  one two three four\n  five"),
    ("  a  one two three four five", "  a  one two three\n     four five"),
    ("exactly twenty chars", "exactly twenty chars"),
    ("averyveryverylongwordindeed and more", "averyveryverylongwordindeed\nand more"),
    ("a word, averyveryverylongwordindeed", "a word,\naveryveryverylongwordindeed"),
    ("  a_name_of_length  one two three", "  a_name_of_length\n  one two three"),
    ("one\n\ntwo three four five six", "one\n\ntwo three four five\nsix"),
    ("", ""),
  ])
  func wraps(_ text: String, _ wrapped: String) {
    #expect(WordWrap.text(text, columns: 20) == wrapped)
  }
}
