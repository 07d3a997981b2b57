"""The server: settings, open studies, security headers, passwords, the process."""
