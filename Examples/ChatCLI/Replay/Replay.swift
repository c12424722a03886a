// SPDX-License-Identifier: MIT
final class Replay { init(_ arguments: [String]) throws(Options.Problem) {}
 func run() -> Int32 { 0 } }
