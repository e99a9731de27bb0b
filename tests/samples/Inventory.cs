using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

namespace Warehouse.Stock
{
    /// <summary>Thrown when more of an item is asked for than there is.</summary>
    public class OutOfStockException : Exception
    {
        public OutOfStockException(string sku, int wanted, int available)
            : base($"Only {available} of {sku} in stock, {wanted} wanted.")
        {
            Sku = sku;
        }

        public string Sku { get; }
    }

    public sealed class Item
    {
        public Item(string sku, string name, decimal price)
        {
            Sku = sku ?? throw new ArgumentNullException(nameof(sku));
            Name = name ?? throw new ArgumentNullException(nameof(name));
            Price = price;
        }

        public string Sku { get; }

        public string Name { get; }

        public decimal Price { get; }

        public int Quantity { get; internal set; }

        public override string ToString() => $"{Sku} {Name}: {Quantity}";
    }

    /// <summary>What is in stock, by its number. Safe for use by several threads.</summary>
    public class Inventory
    {
        private readonly Dictionary<string, Item> _items = new Dictionary<string, Item>();
        private readonly object _lock = new object();

        public event EventHandler<Item> RunningLow;

        public int LowMark { get; set; } = 5;

        public int Count
        {
            get
            {
                lock (_lock)
                {
                    return _items.Count;
                }
            }
        }

        public void Add(Item item, int quantity)
        {
            if (item == null)
            {
                throw new ArgumentNullException(nameof(item));
            }
            if (quantity <= 0)
            {
                throw new ArgumentOutOfRangeException(nameof(quantity));
            }

            lock (_lock)
            {
                if (!_items.TryGetValue(item.Sku, out var known))
                {
                    known = item;
                    _items.Add(item.Sku, known);
                }
                known.Quantity += quantity;
            }
        }

        public void Remove(string sku, int quantity)
        {
            Item item;
            lock (_lock)
            {
                if (!_items.TryGetValue(sku, out item))
                {
                    throw new KeyNotFoundException($"There is no item {sku}.");
                }
                if (item.Quantity < quantity)
                {
                    throw new OutOfStockException(sku, quantity, item.Quantity);
                }
                item.Quantity -= quantity;
            }
            if (item.Quantity < LowMark)
            {
                RunningLow?.Invoke(this, item);
            }
        }

        public decimal TotalValue()
        {
            lock (_lock)
            {
                return _items.Values.Sum(item => item.Price * item.Quantity);
            }
        }

        public IReadOnlyList<Item> Search(string text)
        {
            lock (_lock)
            {
                return _items.Values
                    .Where(item => item.Name.Contains(text))
                    .OrderBy(item => item.Name)
                    .ToList();
            }
        }

        /// <summary>Reads lines of "sku;name;price;quantity" and adds what they say.</summary>
        public async Task<int> LoadAsync(TextReader reader, CancellationToken cancellationToken)
        {
            var loaded = 0;
            string line;
            while ((line = await reader.ReadLineAsync()) != null)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var fields = line.Split(';');
                if (fields.Length != 4)
                {
                    continue;
                }
                var price = decimal.Parse(fields[2], CultureInfo.InvariantCulture);
                var quantity = int.Parse(fields[3], CultureInfo.InvariantCulture);
                Add(new Item(fields[0], fields[1], price), quantity);
                loaded++;
            }
            return loaded;
        }
    }
}
