import Testing

@Suite("A footer on a terminal")
struct FooterTests {
  @Test("stays below all that anybody writes, and is gone with nothing lost")
  func lines() async throws {
    #expect(
      try await screen("terminal-child") == """
        before
        printed
        a line
        written to standard error
        of a child process
        a line meanwhile
        unfinished, and now finished
        no end of line until now
        after
        exit 0
        """)
  }

  @Test("is there while the program runs")
  func stays() async throws {
    let shown = try await screen(
      """
      terminal-child stay &
      until tmux capture-pane -p | grep -q 'the end is near'; do sleep 0.05; done
      tmux capture-pane -p > shown; kill $!; wait $!; clear; sed '/^$/d' shown
      """)
    #expect(shown.hasPrefix("before\nprinted\na line\n"), "\(shown)")
    #expect(shown.contains("\nunfinished, and now finished\nthe end is near\n-----\nfooter\n"), "\(shown)")
  }

  @Test("keeps the order of 20,000 lines, more than a pipe holds")
  func many() async throws {
    let shown = try await screen(
      """
      terminal-child many; tmux capture-pane -p -S - > all; clear
      grep -c 'printed\\|^line' all; grep ^printed all | sort -c -k2n && echo sorted
      grep -A1 'printed 7000$' all; sed '/^$/d' all | tail -n 3
      """, history: 30_000)
    #expect(
      shown == """
        20020
        sorted
        printed 7000
        line 7000
        line 20000
        no end of line until now
        after
        exit 0
        """)
  }

  @Test("is taken away by a program that ends by itself")
  func exits() async throws {
    #expect(
      try await screen("terminal-child exit; echo \" (code $?)\"") == """
        before
        printed, and left in C's buffer (code 3)
        exit 0
        """)
  }

  @Test("loses no last words of a program that crashes")
  func crash() async throws {
    let shown = try await screen("terminal-child crash")
    #expect(shown.contains("before\n"), "\(shown)")
    #expect(shown.contains("last words"), "\(shown)")
    #expect(shown.contains("exit 134"), "\(shown)")
  }

  @Test("where standard output goes elsewhere, all of it is there")
  func elsewhere() async throws {
    #expect(
      try await screen("terminal-child > out; echo; cat out") == """
        before
        a line
        written to standard error
        a line meanwhile
        after

        printed
        of a child process
        unfinished, and now finished
        no end of line until now
        exit 0
        """)
  }
}
