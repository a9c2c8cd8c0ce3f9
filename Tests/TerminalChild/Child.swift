// C's streams are variables, which nobody here sets.
@preconcurrency import Glibc
import Terminal

/// Two lines below all others.
final class TwoLines: Footer {
  func erase() -> String { "\r\u{1B}[J" }
  func draw() -> String { "-----\r\nfooter\u{1B}[A\r" }
}

/// A program that keeps a footer on its terminal while all kinds of writers write.
@main
struct Child {
  static func main() {
    let output = ErrorOutput()
    let mode = CommandLine.arguments.dropFirst().first ?? "lines"
    output.line("before")
    output.setFooter(TwoLines())
    switch mode {
    case "crash":
      fputs("last words\n", stderr)
      abort()
    case "exit":
      print("printed, and left in C's buffer", terminator: "")
      exit(3)
    case "many":
      // More than a pipe holds, and lines of the program's own among them.
      for number in 1...20_000 {
        print("printed \(number)")
        if number.isMultiple(of: 1000) { output.line("line \(number)") }
      }
    default:
      print("printed")
      output.line("a line")
      fputs("written to standard error\n", stderr)
      system("echo of a child process")
      print("unfinished", terminator: "")
      fflush(stdout)
      output.line("a line meanwhile")
      print(", and now finished")
      if mode == "stay" {
        print("the end is near")
        output.drain()
        sleep(60)
      }
    }
    print("no end of line", terminator: "")
    output.setFooter(nil)
    print(" until now")
    output.line("after")
  }
}
