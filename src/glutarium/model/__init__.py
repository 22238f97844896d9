"""What we say happens: species, rate laws and drugs become a frozen :class:`ModelSpec`."""
