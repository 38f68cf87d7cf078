//! Values of the registry's `REGISTRY_*` variables, which the registry parses as YAML.
//!
//! Byte for byte what Go's gopkg.in/yaml.v2 v2.4.0 marshals, without the newlines at the end: another spelling of
//! the same value would change the pod template and with it restart the registry.

mod implicit;

/// Columns after which yaml.v2 breaks a line at the next space.
const WIDTH: usize = 80;

/// A string, as a document of its own.
pub fn string(value: &str) -> String {
    // A scalar at the root continues in column 2.
    Scalar::new(value, 0, 2).write().trim_end_matches('\n').to_owned()
}

/// A bool.
pub fn boolean(value: bool) -> String {
    value.to_string()
}

/// An integer.
pub fn integer(value: i64) -> String {
    value.to_string()
}

/// The list of storage middlewares with CloudFront as its only entry; the option names are those of the
/// distribution registry's cloudfront middleware.
pub fn cloudfront(
    base_url: &str,
    private_key_path: &str,
    keypair_id: &str,
    duration: &str,
    ip_filtered_by: &str,
) -> String {
    let options = [
        ("baseurl", base_url),
        ("privatekey", private_key_path),
        ("keypairid", keypair_id),
        ("duration", duration),
        ("ipfilteredby", ip_filtered_by),
    ];
    let mut out = "- name: cloudfront\n  options:".to_owned();
    for (key, value) in options {
        let prefix = format!("    {key}: ");
        let scalar = Scalar::new(value, prefix.len(), 6).write();
        // A literal block ends its own last line, if need be with a break of Unicode's.
        let separator = if out.ends_with(is_break) { "" } else { "\n" };
        out = format!("{out}{separator}{prefix}{scalar}");
    }
    out.trim_end_matches('\n').to_owned()
}

/// What YAML 1.1 calls a line break; yaml.v2 ends lines with the first only.
fn is_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Characters that need no escape. yaml.v2 leaves out the tab and everything beyond the basic plane.
fn is_printable(c: char) -> bool {
    matches!(c, '\n' | ' '..='~' | '\u{a0}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}')
}

/// One string on its way out, with the place where it goes.
struct Scalar<'a> {
    value: &'a str,
    chars: Vec<char>,
    /// Where the scalar starts.
    column: usize,
    /// Where its further lines start.
    indent: usize,
    out: String,
}

impl<'a> Scalar<'a> {
    fn new(value: &'a str, column: usize, indent: usize) -> Self {
        Scalar { value, chars: value.chars().collect(), column, indent, out: String::new() }
    }

    fn write(mut self) -> String {
        // A break can only sit next to a space in double quotes; elsewhere the space would be lost on reading.
        let pair = |test: fn(char, char) -> bool| self.chars.windows(2).any(|pair| test(pair[0], pair[1]));
        let space_before_break = pair(|a, b| a == ' ' && is_break(b));
        let next_to_space = space_before_break || pair(|a, b| is_break(a) && b == ' ');
        let special = !self.chars.iter().copied().all(is_printable);
        let multi_line = self.value.contains('\n');
        if multi_line && !special && !space_before_break && !self.value.ends_with(' ') {
            self.literal();
        } else if multi_line || special || next_to_space || implicit::is_other_type(self.value) {
            self.double_quoted();
        } else if self.plain_allowed() {
            self.flow(None);
        } else {
            self.flow(Some('\''));
        }
        self.out
    }

    /// Whether nothing in the string reads as YAML syntax.
    fn plain_allowed(&self) -> bool {
        let spaced = |c: Option<&char>| c.is_none_or(|c| matches!(c, ' ' | '\t'));
        let starts_with_indicator = match self.chars.first() {
            Some(c) if "#,[]{}&*!|>'\"%@`".contains(*c) => true,
            Some('?' | '-') => spaced(self.chars.get(1)),
            _ => false,
        };
        !starts_with_indicator
            && !self.value.starts_with("---")
            && !self.value.starts_with("...")
            && !self.value.starts_with(' ')
            && !self.value.ends_with(' ')
            && !self.chars.iter().copied().any(is_break)
            && !self.value.contains(" #")
            && !self.chars.iter().enumerate().any(|(at, c)| *c == ':' && spaced(self.chars.get(at + 1)))
    }

    /// Plain or single-quoted, folded at spaces.
    fn flow(&mut self, quote: Option<char>) {
        self.out.extend(quote);
        self.column += usize::from(quote.is_some());
        let mut after_space = false;
        let mut after_break = false;
        for at in 0..self.chars.len() {
            let c = self.chars[at];
            if c == ' ' {
                if self.may_fold(at, after_space) && self.chars.get(at + 1) != Some(&' ') {
                    self.new_line();
                } else {
                    self.push(c);
                }
            } else {
                if after_break && !is_break(c) {
                    self.pad();
                }
                if quote == Some(c) {
                    self.push(c);
                }
                self.push(c);
            }
            after_space = c == ' ';
            after_break = is_break(c);
        }
        self.out.extend(quote);
    }

    /// Double-quoted, with escapes, folded at spaces.
    fn double_quoted(&mut self) {
        // yaml.v2 looks for the byte order mark at the start of the string whichever character it is writing,
        // so a string that starts with one is escaped throughout.
        let escape_all = self.value.starts_with('\u{feff}');
        self.push('"');
        let mut after_space = false;
        for at in 0..self.chars.len() {
            let c = self.chars[at];
            if escape_all || !is_printable(c) || is_break(c) || matches!(c, '"' | '\\') {
                escape(c).chars().for_each(|c| self.push(c));
                after_space = false;
            } else if c == ' ' && self.may_fold(at, after_space) {
                self.new_line();
                // Spaces at the start of a line are not content unless escaped.
                if self.chars.get(at + 1) == Some(&' ') {
                    self.push('\\');
                }
                after_space = true;
            } else {
                self.push(c);
                after_space = c == ' ';
            }
        }
        self.push('"');
    }

    /// A literal block.
    fn literal(&mut self) {
        self.out.push('|');
        // Without the hint a reader would take the leading space for indentation.
        if self.chars.first().is_some_and(|c| *c == ' ' || is_break(*c)) {
            self.out.push('2');
        }
        let mut from_end = self.chars.iter().rev().copied().map(is_break);
        match (from_end.next(), from_end.next()) {
            (Some(true), None | Some(true)) => self.out.push('+'),
            (Some(true), Some(false)) => {}
            _ => self.out.push('-'),
        }
        self.out.push('\n');
        self.column = 0;
        let mut after_break = true;
        for at in 0..self.chars.len() {
            let c = self.chars[at];
            if after_break && !is_break(c) {
                self.pad();
            }
            self.push(c);
            after_break = is_break(c);
        }
    }

    /// Whether the line is full at this space, which is neither the first nor the last character.
    fn may_fold(&self, at: usize, after_space: bool) -> bool {
        self.column > WIDTH && !after_space && at > 0 && at + 1 < self.chars.len()
    }

    fn push(&mut self, c: char) {
        self.out.push(c);
        self.column = if is_break(c) { 0 } else { self.column + 1 };
    }

    fn new_line(&mut self) {
        self.push('\n');
        self.pad();
    }

    fn pad(&mut self) {
        while self.column < self.indent {
            self.push(' ');
        }
    }
}

/// The escape of one character in double quotes.
fn escape(c: char) -> String {
    let short = match c {
        '\0' => '0',
        '\u{7}' => 'a',
        '\u{8}' => 'b',
        '\t' => 't',
        '\n' => 'n',
        '\u{b}' => 'v',
        '\u{c}' => 'f',
        '\r' => 'r',
        '\u{1b}' => 'e',
        '"' | '\\' => c,
        '\u{85}' => 'N',
        '\u{a0}' => '_',
        '\u{2028}' => 'L',
        '\u{2029}' => 'P',
        _ => {
            return match u32::from(c) {
                code @ ..=0xff => format!("\\x{code:02X}"),
                code @ ..=0xffff => format!("\\u{code:04X}"),
                code => format!("\\U{code:08X}"),
            };
        }
    };
    format!("\\{short}")
}

#[cfg(test)]
mod tests;
