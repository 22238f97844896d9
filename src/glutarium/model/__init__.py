"""What we say happens: species, reactions, rate laws, drugs and genotypes become a frozen :class:`ModelSpec`."""
